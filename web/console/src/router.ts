/* Every page, the right it needs, and its place in the menu. */
import type { Component } from 'vue'
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import {
  CircleCheck,
  Coin,
  DataAnalysis,
  Document,
  Filter,
  House,
  Present,
  ScaleToOriginal,
  Postcard,
  Ticket,
  Download,
  Upload,
  User,
  UserFilled,
  Wallet,
} from '@element-plus/icons-vue'
import { api, told } from './api'
import { readAll } from './i18n'
import { session } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of its name in the texts. */
    title: string
    /** Where the documentation says more: a page and its heading. */
    docs?: string
    right?: string
    /** In the menu: the group it belongs to. */
    group?: 'overview' | 'members' | 'money' | 'marketing' | 'system'
    icon?: Component
    open?: boolean
    /** Somebody who signs in may arrive here: what it says is there at once. */
    first?: boolean
  }
}

const pages: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./pages/SignIn.vue'),
    meta: { title: 'pages.signIn', docs: 'console#signing-in', open: true, first: true },
  },
  {
    path: '/set-up',
    name: 'set-up',
    component: () => import('./pages/SetUp.vue'),
    meta: { title: 'pages.setUp', docs: 'console#setting-up-a-programme', open: true },
  },
  {
    path: '/dashboard',
    name: 'dashboard',
    component: () => import('./pages/Dashboard.vue'),
    meta: {
      title: 'pages.dashboard',
      docs: 'console#the-dashboard',
      right: 'reports.read',
      group: 'overview',
      icon: DataAnalysis,
    },
  },
  {
    path: '/members',
    name: 'members',
    component: () => import('./pages/Members.vue'),
    meta: {
      title: 'pages.members',
      docs: 'members',
      right: 'members.read',
      group: 'members',
      icon: User,
      first: true,
    },
  },
  {
    path: '/members/:id',
    name: 'member',
    component: () => import('./pages/Member.vue'),
    meta: { title: 'pages.member', docs: 'members#what-a-member-may-be', right: 'members.read' },
  },
  {
    path: '/activities/:id',
    name: 'activity',
    component: () => import('./pages/Activity.vue'),
    meta: {
      title: 'pages.activity',
      docs: 'rules#how-an-order-becomes-points',
      right: 'activities.read',
    },
  },
  {
    path: '/segments',
    name: 'segments',
    component: () => import('./pages/Segments.vue'),
    meta: {
      title: 'pages.segments',
      docs: 'console#segments-and-gifts',
      right: 'segments.read',
      group: 'members',
      icon: Filter,
    },
  },
  {
    path: '/segments/form',
    name: 'segment',
    component: () => import('./pages/Segment.vue'),
    meta: {
      title: 'pages.segment',
      docs: 'console#segments-and-gifts',
      right: 'segments.read',
    },
  },
  {
    path: '/gifts',
    name: 'gifts',
    component: () => import('./pages/Gifts.vue'),
    meta: {
      title: 'pages.gifts',
      docs: 'console#segments-and-gifts',
      right: 'adjust',
      group: 'members',
      icon: Present,
    },
  },
  {
    path: '/gifts/new',
    name: 'gift',
    component: () => import('./pages/Gift.vue'),
    meta: {
      title: 'pages.gift',
      docs: 'console#segments-and-gifts',
      right: 'adjust',
    },
  },
  {
    path: '/rules',
    name: 'rules',
    component: () => import('./pages/Rules.vue'),
    meta: {
      title: 'pages.rules',
      docs: 'rules',
      right: 'rules.read',
      group: 'marketing',
      icon: Coin,
    },
  },
  {
    path: '/rules/drafts/:name',
    name: 'draft',
    component: () => import('./pages/Draft.vue'),
    meta: { title: 'pages.draft', docs: 'rules#trying-a-draft', right: 'rules.read' },
  },
  {
    path: '/import',
    name: 'import',
    component: () => import('./pages/Import.vue'),
    meta: {
      title: 'pages.import',
      docs: 'import#from-a-browser',
      right: 'members.write',
      group: 'members',
      icon: Upload,
    },
  },
  {
    path: '/export',
    name: 'export',
    component: () => import('./pages/Export.vue'),
    meta: {
      title: 'pages.export',
      docs: 'export',
      right: 'export',
      group: 'members',
      icon: Download,
    },
  },
  {
    path: '/approvals',
    name: 'approvals',
    component: () => import('./pages/Approvals.vue'),
    meta: {
      title: 'pages.approvals',
      docs: 'api#a-second-person',
      right: 'adjust',
      group: 'members',
      icon: CircleCheck,
    },
  },
  {
    path: '/coupons',
    name: 'coupons',
    component: () => import('./pages/Coupons.vue'),
    meta: {
      title: 'pages.coupons',
      docs: 'console#money',
      right: 'balances.read',
      group: 'money',
      icon: Ticket,
    },
  },
  {
    path: '/stored-value',
    name: 'stored-value',
    component: () => import('./pages/StoredValue.vue'),
    meta: {
      title: 'pages.storedValue',
      docs: 'console#money',
      right: 'activities.read',
      group: 'money',
      icon: Wallet,
    },
  },
  {
    path: '/passes',
    name: 'passes',
    component: () => import('./pages/Passes.vue'),
    meta: {
      title: 'pages.passes',
      docs: 'console#money',
      right: 'activities.read',
      group: 'money',
      icon: Postcard,
    },
  },
  {
    path: '/units',
    name: 'units',
    component: () => import('./pages/Units.vue'),
    meta: {
      title: 'pages.units',
      docs: 'console#units',
      group: 'system',
      icon: ScaleToOriginal,
    },
  },
  {
    path: '/stores',
    name: 'stores',
    component: () => import('./pages/Stores.vue'),
    meta: {
      title: 'pages.stores',
      docs: 'console#stores',
      group: 'system',
      icon: House,
    },
  },
  {
    path: '/staff',
    name: 'staff',
    component: () => import('./pages/Staff.vue'),
    meta: {
      title: 'pages.staff',
      docs: 'console#roles',
      right: 'staff.read',
      group: 'system',
      icon: UserFilled,
    },
  },
  {
    path: '/acts',
    name: 'acts',
    component: () => import('./pages/Acts.vue'),
    meta: {
      title: 'pages.acts',
      docs: 'console#pages',
      right: 'audit.read',
      group: 'system',
      icon: Document,
    },
  },
  { path: '/', redirect: '/dashboard' },
  {
    path: '/:rest(.*)*',
    name: 'nowhere',
    component: () => import('./pages/Nowhere.vue'),
    meta: { title: 'pages.nowhere', docs: 'console#roles' },
  },
]

export const router = createRouter({ history: createWebHistory('/console/'), routes: pages })

router.beforeEach(async (to) => {
  if (!session.asked) {
    session.asked = true
    try {
      session.who = await told(api.GET('/api/v1/session'))
      session.programme = await told(api.GET('/api/v1/programme'))
    } catch {
      session.forget()
    }
  }
  if (!session.who && !to.meta.open) return { name: 'sign-in', query: { to: to.fullPath } }
  if (to.meta.right && !session.may(to.meta.right)) {
    // Who is shown no figures begins with the members.
    return { name: to.name === 'dashboard' ? 'members' : 'nowhere' }
  }
  if (!to.meta.first) await readAll()
  return true
})
